/**
 * First names that are one name: short forms, and spellings of one name.
 * First of each line the root. A short form of several names stands where it
 * is most common, so that every form has one root. Ours, of 2026-11-22, in
 * the folded form of fold.ts.
 */
const groups = `
aaron aron arin | abigail abby abbie gail abbey | abraham abe bram abram
adelaide adele addie heidi | agnes agnieszka aga neske | albert bert al bertie alberto
alexander alex sandy alec aleksandr alexandr alexandre alejandro alessandro sasha aleks sascha xander lex olek aleksander alexandros alexandru shura jandro
alexandra aleksandra alejandra alessandra sandra lexi ola alexia
alfred alf alfie fred alfredo | alice alicia ali | amanda mandy | amelia amy millie emilia
anastasia nastya anastasiya nastia stacy stasia | andrew andy drew andre andreas andrei andrey andrea anders andrzej andres ondrej andras
angela angie angelika angelica geli | anna ann anne annie anya hanna hannah nan nancy anita ania anika aneta anja anni anouk
anthony tony antonio anton antoine toni antonios ant | antonia antonina tonya antonella toinette antoinette
archibald archie | arnold arnie arno | arthur art artie arturo artur
augustus august gus agustin augustin | barbara barb babs barbie basia barbel
bartholomew bart bartek bartosz bartlomiej | beatrice bea beatriz trixie beatrix bice
benjamin ben benny benji beniamino | bernard bernie bernhard bernardo bernd
bridget brigid bridie brigitte birgit gitte | bradley brad | brandon bran | brian bryan bryant
caroline carol carolyn carrie karoline caro carolina karolina
calvin cal | cameron cam | cassandra cassie casandra | catherine katherine kathryn katharina kate cathy kathy katie kitty catalina caterina katarina ekaterina katya katia katarzyna kasia kathrin katrin catrin kathi cate cat kat trina katja yekaterina kathleen cathleen catarina catharina
cecilia cecily celia cis cecile | charles charlie chuck chas carlos karl carl carlo carlito karel karol
charlotte lottie lotte carlotta | christina christine chrissy tina christiane cristina kristina kristine kristin christa krystyna kerstin kirsten christel
christopher chris kris christoph christophe topher cristobal kit kristof cristoforo krzysztof krzys kristopher christos
christian cristian kristian chretien | clarence clare | clara klara claire chiara
claudia claudine klaudia | clifford cliff | clinton clint | constance connie konstanze costanza
constantine konstantin costas kostas kostya constantin kostyantyn dinos | cornelius kees neil cornelis corneel
curtis curt kurt | cynthia cindy cyndi | cyril kirill cyrille kiril
daniel dan danny daniil danila danilo daniele | daniela danielle dani daniella
david dave davey davide dawid dovid davy | deborah debbie deb debra debora | dennis denis denny deniz denys
diana diane di dianne | dominic dominick dom nick domenico domingo dominik dominique mimmo
donald don donny donnie | dolores lola lolita | dorothy dot dottie dorothea dorota dora thea dolly
douglas doug dougie | dmitry dmitriy dmitrii dima dimitri dimitrios dimitris dmytro mitya dimitar
duncan dunc | edgar ed | edith edie | edmund edmond ned edmundo | edward eddie eddy ted teddy eduardo eduard edouard edoardo ward
eleanor ellie nell nelly leonora eleonore elinor nora lenora eleonora | elena helen helena ellen lena yelena olena helene ilona alyona elen eleni
elizabeth liz beth betty lizzie eliza elisabeth elsa lisa libby betsy bess lilibeth elisabetta isabel elzbieta ela elisa elise elspeth liza yelizaveta lise liesbeth bettina lisbeth
emily em emmy emilie emilija | emmanuel manny manuel emanuel manolo emanuele manu manolis
eric erik erich rick ric eryk | ernest ernie ernst ernesto | esther essie hester ester
eugene gene evgeny evgeniy evgenii yevgeny yevgeniy zhenya eugen eugenio evgeni eugeniusz
eva eve evie ewa evelyn evelina | ferdinand fernando ferdi nando fernand hernando
florence flo flora florentina | frances fran francie francesca franziska francoise franzi francisca frankie franka
francis frank francisco francesco franz francois franco paco pancho frans frantisek franciszek curro kiko ferenc
frederick freddie freddy fritz friedrich federico fredrik frederic fryderyk rick frederik friso
gabriel gabe gabi gavriel gabriele | gabriella gabrielle gaby gabriela
geoffrey jeff geoff jeffrey jeffery geoffroy | george georg georges jorge giorgio georgy georgi georgios yuri yuriy yury jerzy jurek goran giorgos jurgen jorg jordi joris jiri
gerald gerry jerry gerard gerhard gerardo gerd gerrit | gertrude gertie trudy trudi gertrud
gilbert gil bert gilberto | gordon gord | grace graciela gracie grazia | gregory greg gregor gregorio grigory grigoriy gregoire grzegorz gregg grisha greig
gustav gustavo gustaf gustave gusti | guy guido | harold harry hal harald | harriet hattie harriette
henry hank hal heinrich henri enrique enrico hendrik heinz henrik henryk rik heiner harri hinrich kike henrique quique
herbert herb heribert | herman hermann armando ermanno hermanus | horace horatio | howard howie
hubert hugh hugo huey ugo huib | ian iain | ignatius ignacio nacho ignazio ignacy ignaz inigo
igor ihor | ilya ilia elias elijah eli ilja elia | irene irina ira irena irenka irini | isaac ike zac izaak isak
isabella isabelle bella izzy ysabel izabela isabela | isidore izzy isidro isidoro
jacob jake jakob jakub jacopo kuba coby yakov jaap jacobo
james jim jimmy jamie jem jaime diego santiago jacques giacomo iago jago thiago
jane janet janie jeanette jenny jan jana jeannette jean jeanne jehanne
jasmine jas yasmin jazmin jasmin | jason jay | jennifer jen jenna jennie jenni | jeremy jeremiah jem jeremias jerome geremia
jessica jess jessie | jerome hieronymus geronimo | joan joanna johanna joanne giovanna juana ioanna jo asia jovana
john jack johnny jon johann johannes hans juan giovanni ivan jean ian hannes jens joao evan sean shaun shawn vanya ioannis yannis janos johan janusz ion jovan eoin hansi jacky joannes gianni nino yiannis jussi juhani janek
jonathan jonny nathan jonatan johnathan jonathon | joseph joe joey jose josef giuseppe pepe beppe jozef yosef iosif peppe josep zef osip sepp beppo jef pino pepito youssef yusuf
josephine josie fina josefa josefina giuseppina jo josefine | joshua josh giosue
joy joyce | judith judy judit jutta | julia julie juliet giulia yulia yuliya julka jule juliette iulia juliana giuliana julianna
julian jules julien julius julio giulio juliano giuliano | justin giustino justyn | karen karin caryn karina
kenneth ken kenny kent | kevin kev | kimberly kim kimberley kimmy | larisa lara larissa | laura laurie lori lauren lora laure
lawrence larry laurence lars lorenzo laurent lorenz laurens lou wawrzyniec lourens lavrenti
leonard leo len lenny leonardo leonhard lionel lennart | leon lev leone leonid leonidas
leslie les | lillian lily lilian lilly lil liliana | linda lindy | louis lewis luis luigi ludwig lou louie ludovic lodewijk gino aloysius alois lajos luiz ludwik
louise lou luisa luise louisa ludwika | lucas luke luca lukas luc lukasz lucian lucius
lucy lucia luz lucie lucille lulu luzia | lydia lidia lyda | madeleine maddie madeline magdalena magda lena leni madelyn maddalena malena
marcus mark marc marco markus marek marcos marcin marko marcel marcello marcelo
margaret maggie peggy meg marge margie margot greta rita gretchen margarita margherita peg megan marguerite daisy margit margarete margareta malgorzata gosia rita grete mairead gretel
maria mary marie mariya masha molly polly marija mia mariana may mae mimi marijke maja maike mitzi maryam miriam mariam
marianne marianna maryann maryanne marian | marina marinka | martha marta marthe | martin marty martino martijn maarten marten marcin
martina martine | matthew matt mathew matteo mateo matthias mathias matthieu mateusz matvey matti matej mats matthijs thijs mattia mathieu matias mateus mattheus
maurice maury moritz mauricio maurizio morris maurits | maximilian max maxim maxime maksim massimo maximo maximiliano maxwell maks massimiliano
melissa mel missy lissa | michael mike mick mickey mikhail michel miguel michele mikhael mischa misha micha michal mihail miki mikael mikko mikkel mihai mitch mitchell mihaly micheal mikel mykhailo michalis michiel
michelle michele shelly micheline micaela michaela mikaela | mildred millie | mohammed mohamed muhammad mohammad mo mohamad muhammed mahomed mehmet mohd muhamad
monica monika monique | moses moshe moises moe mose moise | natalie natalia nat natalya natasha nataliya tasha natalja nathalie nataliia
nathaniel nat nate nathanael | nicholas nick nicolas nikolaus nikolai nikolay nicola niko nicky klaus nicolo nikolas claus nils niels nicolaas klaas mikolaj kolya nikos mykola miklos nikola nico colin
nicole nicky nicoletta nikki nicolette nikol | norman norm | oleg oleh | oliver ollie olivier oliviero olli
olivia liv livia | oscar oskar ossi | oswald ozzie osvaldo | pamela pam | patricia pat patty trish tricia patrizia patsy pati patti
patrick paddy patricio patrik patryk patrizio padraig rick | paul pablo paolo pavel paulo pawel pol paulus pavlo poul pauli pal pavlos
paula paulina pauline paola paulette pola | peter pete pedro pietro pierre petr piotr pieter petros piet pyotr petro peder per petri pjotr peer petya piero peet
philip phil phillip filippo felipe philippe filip pip philipp flip fulop filippos felipe
rachel rae raquel rachael rachele shelley rahel | ralph raul raoul rolf raf ralf | randall randy randolph | raphael rafael rafa raffaele rafal raffaello rafe
raymond ray raimund ramon raimondo raimondo raymund | rebecca becky becca rebekah rebeca rebekka bex
reginald reggie reg reinhold rinaldo reinaldo | renate renata | richard rick dick rich ricky richie ricardo riccardo ryszard rik ric rikard
robert bob rob bobby robbie roberto robin rupert ruprecht bert robb bobbie | roderick rod rodrigo rodney roddy rodrigue
roger rog rudiger ruggero rogelio rogier | roland rolando orlando rollo rolly | ronald ron ronny ronnie ronaldo rinaldo
rose rosa rosie rosemary rosario roza rosalie rosetta rosemarie rosalia rozalia
rudolf rudy rudolph rodolfo rudi rolf | russell russ rusty | ruth ruthie | samantha sam sammy sammie
samuel sam sammy samuele shmuel samu sami | sarah sally sara sadie sari saara zara
sebastian seb basti bastian sebastien bas sebastiano sebek | sergey sergei serge sergio seryozha serhiy sergii sergej sergiy serhii
sharon shari sherry | sigmund siegmund zygmunt ziggy sig | simon simone si szymon simeon semyon ximeno simao
sophia sophie sofia sonia sonya zofia sofie sonja zosia sofya
stanislav stan stas stanislaw stanislas stanislaus slava | stanley stan | stella estelle estella
stephanie steph stefanie stefania steffi stephania stefani stevie estefania
stephen steve steven stefan stevie stephan esteban stefano etienne stepan steffen stephane istvan szczepan estevan stefanos staffan
stuart stu stewart | susan sue suzanne susanne susie suzy susana zuzanna susanna zuzana sanna sanne
svetlana sveta svitlana lana | sylvia silvia sylvie sylwia | sylvester silvester sly silvestre | tatiana tanya tatyana tania tetiana tanja tatjana
theodore theo ted teddy teodor fyodor fedor teodoro theodor theodoros fedya fyodor | theresa teresa terry tess tessa therese tereza terri tracy teresita
terence terry terrence terrance | thomas tom tommy tomas tommaso tomasz thom tomek tamas tuomas toma maso tamas
timothy tim timmy timoteo timofey timotheus | tobias toby tobi tobiah | tracey traci | ursula uschi orsola ulla urszula
valentina valya | valentine valentin val valentino walenty | valeria valerie val valeriya lera valeri
vanessa nessa | veronica ronnie veronika vera weronika verena veronique roni nika
victor vic viktor vittorio vitya wiktor vitor | victoria vicky vicki tori viktoria vittoria vika wiktoria viktoriya vikki
vincent vince vinnie vicente vincenzo vinny cenzo enzo vincente vinzenz vin | virginia ginny ginger virginie gina
vladimir vova volodya volodymyr wladimir vlad wlodzimierz vladimiro | vladislav vlad wladyslaw vladyslav ladislav laszlo ladislao
vyacheslav slava viacheslav vjaceslav | wallace wally | walter walt wally gualtiero valter wat
wendy gwendolyn gwen | wilhelmina mina minnie wilma willemijn helma mien | william bill will billy willy wilhelm liam guillermo guillaume guglielmo willem willie wim memo gwilym vilhelm
wolfgang wolf wolfi | xavier javier xavi javi saverio xaver | yvonne ivonne evonne | yves ivo yvo
zachary zach zack zak zachariah zacharias zac zakhar
`

/** Each form with the root of its name; a form has one root. */
export function nicknames(): readonly (readonly [string, string])[] {
  const roots = new Map<string, string>()
  const lines = groups.split(/[\n|]/).map((line) => line.trim().split(/\s+/))
  for (const [root = ''] of lines) if (root !== '') roots.set(root, root)
  for (const [root = '', ...forms] of lines) {
    for (const form of forms) if (!roots.has(form)) roots.set(form, root)
  }
  return [...roots].toSorted(([a], [b]) => (a < b ? -1 : 1))
}
